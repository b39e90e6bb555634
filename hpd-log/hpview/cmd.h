/* SPDX-License-Identifier: ISC */
/* hpview's commands: one row in main.c each. argv[0] is the command's name.
 * They return the exit code: 0, 1 something was found wrong (verify), 64 usage,
 * 66 no such log, 70 other. */
#ifndef HPD_VIEW_CMD_H
#define HPD_VIEW_CMD_H

int cmd_show(int argc, char *argv[]);	 /* lines that pass the filters */
int cmd_summary(int argc, char *argv[]);
int cmd_top(int argc, char *argv[]);
int cmd_session(int argc, char *argv[]); /* transcript, replay */
int cmd_export(int argc, char *argv[]);	 /* CSV, honeyd's text, JSON */
int cmd_verify(int argc, char *argv[]);
int cmd_key(int argc, char *argv[]);	 /* the verification key, once */
int cmd_report(int argc, char *argv[]);	 /* one HTML page */

#endif

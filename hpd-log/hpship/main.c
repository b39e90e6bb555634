/* SPDX-License-Identifier: ISC */
/* hpship: sends the log on as syslog. Not written yet: usage only. */
int
main(void)
{
	return 64;
}

/* SPDX-License-Identifier: ISC */
/*
 * The shipped policies as text, as they were when the programs were built. For
 * hpd-conf, which holds an operator's policy against them.
 */
#ifndef HPD_POLICY_TEXT_H
#define HPD_POLICY_TEXT_H

extern const char policy_text_parent[], policy_text_conf[], policy_text_net[],
    policy_text_log[], policy_text_ship[],
    policy_text_svc[], policy_text_svc_S[],
    policy_text_svc_nofork[], policy_text_svc_shell[];

#endif

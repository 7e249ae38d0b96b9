/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_SUMMARY_H
#define GILYIELD_SUMMARY_H

/* GILYIELD_STATS=1: one line with the figures on file descriptor 2 when the process ends. Call when the environment was read. */
void gy_summary_arrange(void);

#endif

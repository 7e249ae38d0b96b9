/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_SEEING_H
#define GILYIELD_SEEING_H

/* Does, once, what GILYIELD_WATCH_MS, GILYIELD_TRACE and GILYIELD_TRACE_SECONDS say. Any thread. */
void gy_seeing_arrange(void);

#endif

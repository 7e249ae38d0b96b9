/* SPDX-License-Identifier: MIT */
/* The two symbols by which the Python module recognises Qt, for its tests: what a loaded Qt of version STUB_QT_VERSION exports.
 */
const char *qVersion(void);
const char *qVersion(void)
{
    return STUB_QT_VERSION;
}

/* QCoreApplication::self: the tests set it to say that there is an application object. */
extern void *_ZN16QCoreApplication4selfE;
void *_ZN16QCoreApplication4selfE;

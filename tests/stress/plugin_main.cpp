/* SPDX-License-Identifier: MIT */
/* The test host as a plugin: its main() under a name that dlsym() can find. */
int testhost_entry(int argc, char **argv);

extern "C" __attribute__((visibility("default"))) int testhost_main(int argc, char **argv)
{
    return testhost_entry(argc, argv);
}

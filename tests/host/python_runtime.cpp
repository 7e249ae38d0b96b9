/* SPDX-License-Identifier: MIT */
#include "python_runtime.h"

#include <cstdio>
#include <string>

static PyStatus configure(PyConfig *config, int argc, char **argv)
{
    config->parse_argv = 0;
    /* An embedded interpreter would otherwise look for its library beside whichever python3 comes first in PATH. */
    PyStatus status = PyConfig_SetBytesString(config, &config->program_name, GILYIELD_TESTHOST_PROGRAM);
#ifdef GILYIELD_TESTHOST_HOME
    if (!PyStatus_Exception(status)) {
        status = PyConfig_SetBytesString(config, &config->home, GILYIELD_TESTHOST_HOME);
    }
#endif
    if (!PyStatus_Exception(status)) {
        status = PyConfig_SetBytesArgv(config, argc, argv);
    }
    return status;
}

bool startPython(int argc, char **argv, const char *moduleName, PyObject *(*moduleInit)())
{
    if (PyImport_AppendInittab(moduleName, moduleInit) != 0) {
        std::fputs("cannot register the built-in module\n", stderr);
        return false;
    }
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    PyStatus status = configure(&config, argc, argv);
    if (!PyStatus_Exception(status)) {
        status = Py_InitializeFromConfig(&config);
    }
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) {
        std::fprintf(stderr, "cannot start Python: %s\n", status.err_msg ? status.err_msg : "exit requested");
        return false;
    }
    return true;
}

static bool readFile(const char *path, std::string *text)
{
    std::FILE *file = std::fopen(path, "rb");
    if (!file) {
        return false;
    }
    char buffer[8192];
    size_t size;
    while ((size = std::fread(buffer, 1, sizeof buffer, file)) > 0) {
        text->append(buffer, size);
    }
    std::fclose(file);
    return true;
}

static bool prependToPath(const char *path)
{
    const std::string file(path);
    const size_t slash = file.rfind('/');
    PyObject *directory = PyUnicode_DecodeFSDefault(slash == std::string::npos ? "." : file.substr(0, slash).c_str());
    PyObject *sysPath = PySys_GetObject("path");
    const bool ok = directory && sysPath && PyList_Insert(sysPath, 0, directory) == 0;
    Py_XDECREF(directory);
    return ok;
}

static bool execute(const char *path, const std::string &text)
{
    PyObject *globals = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyObject *name = PyUnicode_DecodeFSDefault(path);
    PyObject *code = name && PyDict_SetItemString(globals, "__file__", name) == 0
                         ? Py_CompileString(text.c_str(), path, Py_file_input)
                         : nullptr;
    PyObject *result = code ? PyEval_EvalCode(code, globals, globals) : nullptr;
    const bool ok = result != nullptr;
    Py_XDECREF(result);
    Py_XDECREF(code);
    Py_XDECREF(name);
    return ok;
}

bool runScript(const char *path)
{
    std::string text;
    if (!readFile(path, &text)) {
        std::fprintf(stderr, "cannot read %s\n", path);
        ++pythonErrors;
        return false;
    }
    if (!prependToPath(path) || !execute(path, text)) {
        reportPythonError(nullptr);
        return false;
    }
    return true;
}

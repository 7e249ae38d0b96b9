# SPDX-License-Identifier: MIT
"""Scribus: it creates sub-interpreters. It offers Python no timer; PyQt5 in its process, on the same Qt, has one."""

import os
import sys

from PyQt5.QtCore import QCoreApplication, QTimer

sys.path.insert(0, os.environ["APPTEST_DIR"])
import appscript

appscript.begin(QTimer.singleShot, QCoreApplication.quit)

# SPDX-License-Identifier: MIT
"""A SimpleITK filter on a background thread: it gives up the GIL while it runs, and takes it for its progress only."""

import parallel

try:
    import SimpleITK
except ImportError:
    parallel.skip("there is no SimpleITK for this Python: pip install SimpleITK")

# One thread, so that there is a processor for the GUI.
SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(1)


def work(progress):
    image = SimpleITK.GaussianSource(SimpleITK.sitkFloat32, [96, 96, 96])
    median = SimpleITK.MedianImageFilter()
    median.SetRadius(2)
    # Called by the filter, on this thread.
    median.AddCommand(SimpleITK.sitkProgressEvent, lambda: progress(round(100 * median.GetProgress()), 100))
    median.Execute(image)
    progress(100, 100)


parallel.demonstrate("SimpleITK " + SimpleITK.Version.VersionString(), work)

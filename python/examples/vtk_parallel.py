# SPDX-License-Identifier: MIT
"""A VTK filter on a background thread: from 9.4 on VTK's wheels give up the GIL in C++ (VTK_PYTHON_FULL_THREADSAFE)."""

import parallel

try:
    from vtkmodules.vtkCommonCore import VTK_VERSION_NUMBER, vtkSMPTools, vtkVersion
    from vtkmodules.vtkImagingGeneral import vtkImageMedian3D
    from vtkmodules.vtkImagingSources import vtkImageNoiseSource
except ImportError:
    parallel.skip("there is no VTK for this Python: pip install 'vtk>=9.4'")
if VTK_VERSION_NUMBER < 90400000000:
    parallel.skip(f"VTK {vtkVersion.GetVTKVersion()} keeps the GIL: pip install 'vtk>=9.4'")

# One thread, so that there is a processor for the GUI.
vtkSMPTools.Initialize(1)


def work(progress):
    noise = vtkImageNoiseSource()
    noise.SetWholeExtent(0, 79, 0, 79, 0, 79)
    median = vtkImageMedian3D()
    median.SetNumberOfThreads(1)
    median.SetKernelSize(5, 5, 5)
    median.SetInputConnection(noise.GetOutputPort())
    # Called by the filter, on this thread.
    median.AddObserver("ProgressEvent", lambda *_: progress(round(100 * median.GetProgress()), 100))
    median.Update()
    progress(100, 100)


parallel.demonstrate("VTK " + vtkVersion.GetVTKVersion(), work)

# SPDX-License-Identifier: MIT
"""Functions in the background of a Qt application, with progress, cancellation, and callbacks on the GUI thread.

    from gilyield import jobs

    def count(n):
        for i in range(n):
            ...
            jobs.progress(i, n, "counting")     # also where a cancelled job stops
        return n

    job = jobs.run(count, 1000000, on_progress=show, on_result=finished, on_error=failed, on_done=enable_button)
    job.cancel()

and several at a time:

    with jobs.Pool(4) as pool:
        for path in paths:
            pool.run(load, path, on_result=add_to_list)

The callbacks run on the GUI thread, from its event loop:

- on_progress(i, n, text): the newest progress; what comes faster than the GUI can show it is left out, the last is not.
- on_result(result) if the function returned, on_error(exception) if it raised; neither after cancel().
- on_done(job) in any case, as the last.

What a callback raises goes to sys.unraisablehook, as does what the function raised if there is no on_error and nobody
asked for the result by then. If the application quits before, callbacks are not called. When Python ends, all jobs are
cancelled; as any thread, one that never looks whether it is cancelled holds up the end.

The functions run in Python threads (concurrent.futures.ThreadPoolExecutor). In applications whose GUI thread keeps the GIL
they need gilyield to be enabled to get anywhere. To touch widgets from them use gilyield.gui.
"""

import threading
import time
import weakref
from concurrent import futures
from typing import Any, Callable, Dict, Iterable, List, Optional, Set

from . import _gilyield, _gui_queue
from ._gilyield import Error

__all__ = ["Cancelled", "Job", "Pool", "current", "progress", "run"]

_here = threading.local()  # .job: the one that this thread runs


class Cancelled(Error, futures.CancelledError):
    """The job was cancelled. Raised inside the job, by progress() and check(), and by result()."""


class Job:
    """A function in the background; made by run() and Pool.run(). All methods may be called from any thread."""

    def __init__(self, pool: "Pool", payload: _gui_queue.Payload, callbacks: Dict[str, Optional[Callable[..., Any]]]) -> None:
        self.name: str = _gui_queue.name_of(payload.f)  #: of the function
        self._payload = payload
        self._callbacks = callbacks  # let go of on the GUI thread
        self._cancelled = False
        self._asked = False
        self._running = False
        self._pool = pool
        self._started = threading.Event()  # .future is there
        self._delivered = _gui_queue.GuiFuture()
        self._delivered.add_done_callback(self._forget)
        #: the concurrent.futures.Future of the function's outcome, for asyncio.wrap_future() and the like
        self.future: futures.Future[Any] = futures.Future()  # until _start(), for cancel()

    def _start(self, executor: futures.ThreadPoolExecutor) -> None:
        self.future = executor.submit(self._work)
        self._started.set()
        self.future.add_done_callback(self._deliver)

    # ---- From outside the job. ----

    @property
    def state(self) -> str:
        """ "waiting", "running", "done", "failed", "cancelled": of the function; callbacks follow."""
        if self._was_cancelled():
            return "cancelled" if self.future.done() else "running" if self._running else "waiting"
        if not self.future.done():
            return "running" if self._running else "waiting"
        return "failed" if self.future.exception() else "done"

    def cancel(self) -> None:
        """Ask the job to stop: at once if it has not begun, else where it next calls progress() or check().

        Called on the GUI thread, it makes sure that neither on_progress nor on_result nor on_error is called from then on.
        """
        if self._delivered.done():
            return
        self._cancelled = True
        self.future.cancel()

    def result(self, timeout: Optional[float] = None) -> Any:
        """Wait for the function and return its result or raise what it raised; Cancelled if the job was cancelled.

        concurrent.futures.TimeoutError after `timeout` seconds. On the GUI thread queued calls are run meanwhile, so that a
        job that uses gilyield.gui can go on; the window is not repainted, which is why on_result is the better way there.
        """
        self._asked = True
        if _gui_queue.on_gui_thread():
            _gui_queue.wait(self.future, timeout)
            timeout = 0
        try:
            result = self.future.result(timeout)
            if self._cancelled:
                raise Cancelled("the job was cancelled")  # and did not look
            return result
        except futures.CancelledError:
            if self.future.cancelled():
                raise Cancelled("the job was cancelled before it began") from None
            raise

    def wait(self, timeout: Optional[float] = None) -> bool:
        """Wait until the function has ended and the callbacks have been called; return False after `timeout` seconds.

        On the GUI thread queued calls are run meanwhile, those callbacks among them. On other threads raises gui.Blocked
        if the GUI thread waits for this one. If the application quits, callbacks are not waited for.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        if not _gui_queue.on_gui_thread():
            # The function may need no GUI thread: who waits for whom matters from here on only.
            try:
                self.future.exception(timeout)
            except futures.CancelledError:
                pass
            except futures.TimeoutError:
                return False
        try:
            _gui_queue.wait(self._delivered, deadline and max(0.0, deadline - time.monotonic()))
        except futures.TimeoutError:
            return False
        return True

    # ---- From inside the job. ----

    def progress(self, i: float, n: Optional[float] = None, text: str = "") -> None:
        """Report that i of n are done. Raises Cancelled if the job is to stop. Cheap enough for inner loops: about 1 us."""
        self.check()
        if self._callbacks.get("on_progress") is not None:
            try:
                _gui_queue.queue_newest(self, _gui_queue.Payload(self._report, (i, n, text), {}))
            except Error:
                pass  # nobody is there to see it

    def check(self) -> None:
        """Raise Cancelled if the job is to stop."""
        if self._cancelled:
            raise Cancelled("the job was cancelled")

    # ---- The machinery. ----

    def _was_cancelled(self) -> bool:
        return self._cancelled or self.future.cancelled()

    def _work(self) -> Any:
        self._started.wait()
        payload, self._payload = self._payload, _gui_queue.Payload(None, (), {})
        _here.job = self
        self._running = True
        try:
            self.check()
            return payload.f(*payload.args, **payload.kwargs)
        finally:
            _here.job = None
            _gui_queue.let_go_of_payload(payload)

    def _deliver(self, future: "futures.Future[Any]") -> None:
        lost = any(self._callbacks.values())
        try:
            _gui_queue.queue_call(_gui_queue.Payload(self._finish, (), {}), self._delivered)
        except Error as error:
            self._delivered.cancel()
            # What _finish() would have reported is; and, unless the application just quits, that callbacks are not called.
            exception = None if self._was_cancelled() else future.exception()
            if exception is not None and not self._asked:
                _gilyield.unraisable(exception, self.name)
            elif lost and not self._was_cancelled() and _gilyield.gui_thread() == 0:
                _gilyield.unraisable(error, self.name)

    def _report(self, i: float, n: Optional[float], text: str) -> None:
        if not self._cancelled:
            self._call("on_progress", i, n, text)

    def _finish(self) -> None:
        """GUI thread."""
        exception = None if self.future.cancelled() else self.future.exception()
        if self._was_cancelled():
            if exception is not None and not isinstance(exception, Cancelled):
                _gilyield.unraisable(exception, self.name)
        elif exception is None:
            self._call("on_result", self.future.result())
        elif self._callbacks.get("on_error") is not None:
            self._call("on_error", exception)
        elif not self._asked:
            _gilyield.unraisable(exception, self.name)
        self._call("on_done", self)

    def _call(self, name: str, *args: Any) -> None:
        callback = self._callbacks.get(name)
        if callback is not None:
            try:
                callback(*args)
            except BaseException as exception:
                _gilyield.unraisable(exception, callback)

    def _forget(self, delivered: "futures.Future[Any]") -> None:
        self._callbacks.clear()
        self._payload.clear()  # of a job that was cancelled before it began
        self._pool._forget(self)


class Pool:
    """Runs jobs in at most `width` threads; further ones wait for their turn.

    As a context manager it waits, at the end of the block, for all its jobs and their callbacks; if the block is left by
    an exception it cancels them first. On the GUI thread this waiting runs queued calls, so that jobs which call the GUI
    come to their end and callbacks are called, but no events: the window stands still meanwhile. There it is better to
    keep the pool in an attribute and let on_done say when all is finished. Any thread.
    """

    def __init__(self, width: Optional[int] = None, name: str = "gilyield-job") -> None:
        """width: threads; default: 4 more than processors, at most 32. name: what the names of the threads begin with."""
        self._executor = futures.ThreadPoolExecutor(width, thread_name_prefix=name)
        self._jobs: Set[Job] = set()
        _pools.add(self)

    def run(
        self,
        f: Callable[..., Any],
        /,
        *args: Any,
        on_result: Optional[Callable[[Any], Any]] = None,
        on_error: Optional[Callable[[BaseException], Any]] = None,
        on_progress: Optional[Callable[[float, Optional[float], str], Any]] = None,
        on_done: Optional[Callable[[Job], Any]] = None,
        **kwargs: Any,
    ) -> Job:
        """Run f(*args, **kwargs) in the background; return its Job. RuntimeError after close()."""
        callbacks = _callbacks(on_result, on_error, on_progress, on_done)
        payload = _gui_queue.Payload(f, args, kwargs)
        # The job's are to be the last references: those in the payload and in the dict go there.
        del f, args, kwargs, on_result, on_error, on_progress, on_done
        return self._run(payload, callbacks)

    def _run(self, payload: _gui_queue.Payload, callbacks: Dict[str, Optional[Callable[..., Any]]]) -> Job:
        job = Job(self, payload, callbacks)
        job._start(self._executor)
        self._jobs.add(job)
        if job._delivered.done():
            self._jobs.discard(job)
        return job

    def map(self, f: Callable[..., Any], items: Iterable[Any], **callbacks: Any) -> List[Job]:
        """run(f, item, **callbacks) for each item; return the jobs."""
        return [self.run(f, item, **callbacks) for item in items]

    @property
    def jobs(self) -> List[Job]:
        """The jobs that have not come to their end, callbacks included."""
        return list(self._jobs)

    def cancel(self) -> None:
        """Cancel all jobs of this pool."""
        for job in self.jobs:
            job.cancel()

    def wait(self, timeout: Optional[float] = None) -> bool:
        """Wait as Job.wait() for all jobs that there are now; return False after `timeout` seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        return all([job.wait(deadline and max(0.0, deadline - time.monotonic())) for job in self.jobs])

    def close(self) -> None:
        """Take no more jobs; those there are come to their end. Does not wait."""
        self._executor.shutdown(wait=False)

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, kind: Any, *rest: Any) -> None:
        if kind is not None:
            self.cancel()
        try:
            self.wait()
        finally:
            self.close()

    def _forget(self, job: Job) -> None:
        self._jobs.discard(job)


_pools: "weakref.WeakSet[Pool]" = weakref.WeakSet()
_shared_lock = threading.Lock()
_shared: Optional[Pool] = None  # made by the first run()


def _callbacks(*given: Optional[Callable[..., Any]]) -> Dict[str, Optional[Callable[..., Any]]]:
    return dict(zip(("on_result", "on_error", "on_progress", "on_done"), given))


def run(
    f: Callable[..., Any],
    /,
    *args: Any,
    on_result: Optional[Callable[[Any], Any]] = None,
    on_error: Optional[Callable[[BaseException], Any]] = None,
    on_progress: Optional[Callable[[float, Optional[float], str], Any]] = None,
    on_done: Optional[Callable[[Job], Any]] = None,
    **kwargs: Any,
) -> Job:
    """Run f(*args, **kwargs) in the background, in a pool that all share; return its Job. See Pool.run()."""
    global _shared
    if _shared is None:
        with _shared_lock:
            _shared = _shared or Pool()
    callbacks = _callbacks(on_result, on_error, on_progress, on_done)
    payload = _gui_queue.Payload(f, args, kwargs)
    del f, args, kwargs, on_result, on_error, on_progress, on_done
    return _shared._run(payload, callbacks)


def current() -> Optional[Job]:
    """Return the job that the calling thread runs, None outside of jobs."""
    return getattr(_here, "job", None)


def progress(i: float, n: Optional[float] = None, text: str = "") -> None:
    """current().progress(i, n, text); does nothing outside of a job, so that the same function works without one."""
    job = current()
    if job is not None:
        job.progress(i, n, text)


def _cancel_all() -> None:
    for pool in list(_pools):
        pool.cancel()


_gui_queue.at_python_end(_cancel_all)

# SPDX-License-Identifier: MIT
"""Functions in the background of a Qt application, with progress, cancellation, and callbacks on the GUI thread.

    from gilyield import jobs

    def count(n):
        for i in range(n):
            ...
            jobs.progress(i, n, "counting")     # also where a cancelled job stops
        return n

    job = jobs.start(count, 1000000, on_progress=show, on_result=finished, on_error=failed, on_done=enable_button)
    job.cancel()

and several at a time:

    with jobs.Pool(4) as pool:
        for path in paths:
            pool.start(load, path, on_result=add_to_list)

The callbacks run on the GUI thread, from its event loop:

- on_progress(done, total, text): the newest progress; what comes faster than the GUI can show it is left out, the last is not.
- on_result(result) if the function returned, on_error(exception) if it raised; neither after cancel().
- on_done(job) in any case, as the last.

They come in this order, and never one inside another of the same job: if a callback runs events (QProgressDialog.setValue(), a
dialog), the next one waits until it has returned.

What a callback raises goes to sys.unraisablehook, as does what the function raised if there is no on_error and nobody
asked for the result by then. If the application quits before, callbacks are not called. When Python ends, all jobs are
cancelled; as any thread, one that never looks whether it is cancelled holds up the end.

A generator function is a job, too: each `yield` is progress() with what it yields, a number or (done, total, text) or a part of
that, and a place where a cancelled job stops; its `finally` blocks run then. What it returns is the result.

The functions run in Python threads (concurrent.futures.ThreadPoolExecutor). In applications whose GUI thread keeps the GIL
they need gilyield to be enabled to get anywhere. To touch widgets from them use gilyield.gui.
"""

import functools
import inspect
import itertools
import threading
import time
import weakref
from concurrent import futures
from typing import Any, Callable, Dict, Iterable, List, Optional, Set, Tuple, Union

from . import _gilyield, _gui_newest, _gui_queue, _gui_references, _gui_waiting
from ._gilyield import Error
from ._gui_errors import Blocked
from ._gui_references import Payload

__all__ = ["Cancelled", "Job", "Pool", "current", "progress", "start"]

_here = threading.local()  # .job: the one that this thread runs

Callbacks = Dict[str, Optional[Callable[..., Any]]]


class Cancelled(Error, futures.CancelledError):
    """The job was cancelled. Raised inside the job, by progress() and raise_if_cancelled(), and by result()."""


class Job:
    """A function in the background; made by start() and Pool.start(). All methods may be called from any thread."""

    def __init__(self, pool: "Pool", payload: Payload, callbacks: Callbacks) -> None:
        self.name: str = _gui_references.name_of(payload.f)  #: of the function
        self._payload = payload
        self._callbacks = callbacks  # let go of on the GUI thread
        self._cancelled = False
        self._asked = False
        self._pool = pool
        self._delivered = _gui_waiting.GuiFuture()
        self._delivered.add_done_callback(self._forget)
        self._numbers = itertools.count(1)  # of what is reported
        # GUI thread only: the number shown; a callback is on the stack; what has come meanwhile.
        self._shown = 0
        self._in_callback = False
        self._missed_progress: Optional[Tuple[Any, ...]] = None
        self._missed_end = False
        #: the concurrent.futures.Future of the function's outcome, for asyncio.wrap_future() and the like
        self.future: futures.Future[Any] = _gui_waiting.ServedFuture()

    # ---- From outside the job. ----

    @property
    def state(self) -> str:
        """ "waiting", "running", "done", "failed", "cancelled": of the function; callbacks follow."""
        if not self.future.done():
            return "running" if self.future.running() else "waiting"
        if self._was_cancelled():
            return "cancelled"
        return "failed" if self.future.exception() else "done"

    def cancel(self) -> None:
        """Ask the job to stop: at once if it has not begun, else where it next calls progress() or raise_if_cancelled().

        Called on the GUI thread, it makes sure that neither on_progress nor on_result nor on_error is called from then on.
        """
        if self._delivered.done():
            return
        self._cancelled = True
        self.future.cancel()

    def result(self, timeout: Optional[float] = None) -> Any:
        """Wait for the function and return its result or raise what it raised; Cancelled if the job was cancelled.

        concurrent.futures.TimeoutError after `timeout` seconds. On the GUI thread queued calls are run meanwhile, so that a
        job that uses gilyield.gui can go on; the window is not repainted, which is why on_result is the better way there. In
        another job of the same pool it waits as well, and has a thread of the pool meanwhile: see start(after=...).
        """
        self._asked = True
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

        On the GUI thread queued calls are run meanwhile, those callbacks among them; inside one of them raises gui.Blocked. On
        other threads raises gui.Blocked if the GUI thread waits for this one. If the application quits, callbacks are not waited
        for.
        """
        if self._in_callback and _gui_queue.on_gui_thread():
            raise Blocked(f"a callback of the job {self.name} waits for the end of all its callbacks")
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            # The function may need no GUI thread: who waits for whom matters from here on only.
            self.future.exception(timeout)
        except futures.CancelledError:
            pass
        except futures.TimeoutError:
            return False
        try:
            _gui_waiting.wait(self._delivered, deadline and max(0.0, deadline - time.monotonic()))
        except futures.TimeoutError:
            return False
        return True

    # ---- From inside the job. ----

    def progress(self, done: float, total: Optional[float] = None, text: str = "") -> None:
        """Report that `done` of `total` are done. Raises Cancelled if the job is to stop. Cheap enough for inner loops."""
        self.raise_if_cancelled()
        if self._callbacks.get("on_progress") is not None:
            try:
                _gui_newest.queue_newest(self, Payload(self._report, (next(self._numbers), done, total, text), {}))
            except Error:
                pass  # nobody is there to see it

    def raise_if_cancelled(self) -> None:
        """Raise Cancelled if the job is to stop."""
        if self._cancelled:
            raise Cancelled("the job was cancelled")

    # ---- The machinery. ----

    def _was_cancelled(self) -> bool:
        return self._cancelled or self.future.cancelled()

    def _start(self, executor: futures.ThreadPoolExecutor, after: List["Job"]) -> None:
        self.future.add_done_callback(self._deliver)
        if not after:
            executor.submit(self._work)
            return
        left = list(after)

        def another_has_ended(future: "futures.Future[Any]") -> None:
            left.pop()  # which cannot be cut in two
            if not left:
                try:
                    executor.submit(self._work)
                except RuntimeError:  # the pool has been shut down, or Python ends
                    self.cancel()

        for job in after:
            job.future.add_done_callback(another_has_ended)

    def _work(self) -> None:
        """In a thread of the pool."""
        if not self.future.set_running_or_notify_cancel():
            return
        payload, self._payload = self._payload, Payload(None, (), {})
        future: Any = self.future
        future.runner = threading.get_ident()
        _here.job = self
        result = error = None
        try:
            self.raise_if_cancelled()
            result = payload.f(*payload.args, **payload.kwargs)
            if _is_generator_function(payload.f):
                result = self._run_generator(result)
        except BaseException as exception:
            error = exception
        _here.job = None
        future.runner = 0
        _gui_references.let_go_of_payload(payload)
        try:
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)
        finally:
            # The exception holds this frame; and the result is others' now.
            del self, future, result, error

    def _run_generator(self, generator: Any) -> Any:
        try:
            while True:
                try:
                    step = next(generator)
                except StopIteration as end:
                    return end.value
                if step is None:
                    self.raise_if_cancelled()
                else:
                    self.progress(*(step if isinstance(step, tuple) else (step,)))
        finally:
            generator.close()

    def _deliver(self, future: "futures.Future[Any]") -> None:
        """The function has ended. Any thread."""
        ticket = _gui_waiting.GuiFuture()
        ticket.add_done_callback(self._ticket_is_back)
        try:
            _gui_queue.queue_call(Payload(self._finish, (), {}), ticket)
        except Error as error:
            lost = any(self._callbacks.values())
            self._delivered.cancel()
            # What _finish() would have reported is; and, unless the application just quits, that callbacks are not called.
            exception = None if self._was_cancelled() else future.exception()
            if exception is not None and not self._asked:
                self._unraisable(exception)
            elif lost and not self._was_cancelled() and _gilyield.gui_thread() == 0:
                self._unraisable(error)

    def _ticket_is_back(self, ticket: "futures.Future[Any]") -> None:
        if ticket.cancelled():
            self._delivered.cancel()  # the application quits

    def _unraisable(self, exception: BaseException) -> None:
        _gilyield.unraisable(exception, f"the job {self.name}")

    # On the GUI thread. While a callback runs events, what comes for this job is kept for later.

    def _report(self, number: int, *what: Any) -> None:
        if self._in_callback:
            self._missed_progress = (number, *what)
        elif number > self._shown and not self._cancelled:
            self._in_callback = True
            try:
                self._shown = number
                self._call("on_progress", *what)
            finally:
                self._leave()

    def _finish(self) -> None:
        if self._in_callback:
            self._missed_end = True
            return
        self._in_callback = True
        try:
            exception = None if self.future.cancelled() else self.future.exception()
            if self._was_cancelled():
                if exception is not None and not isinstance(exception, Cancelled):
                    self._unraisable(exception)
            elif exception is None:
                self._call("on_result", self.future.result())
            elif self._callbacks.get("on_error") is not None:
                self._call("on_error", exception)
            elif not self._asked:
                self._unraisable(exception)
            self._call("on_done", self)
        finally:
            self._in_callback = False
            if self._delivered.begin():
                self._delivered.set_result(None)

    def _leave(self) -> None:
        """A callback has returned."""
        self._in_callback = False
        missed, self._missed_progress = self._missed_progress, None
        try:
            if missed is not None:
                _gui_queue.queue_call(Payload(self._report, missed, {}), None)
            if self._missed_end:
                self._missed_end = False
                self._deliver(self.future)
        except Error:
            pass  # the application quits

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


def _is_generator_function(f: Any) -> bool:
    while isinstance(f, functools.partial):
        f = f.func
    return inspect.isgeneratorfunction(f)


class Pool:
    """Runs jobs in at most `max_workers` threads; further ones wait for their turn.

    As a context manager it waits, at the end of the block, for all its jobs and their callbacks; if the block is left by
    an exception it cancels them first. On the GUI thread this waiting runs queued calls, so that jobs which call the GUI
    come to their end and callbacks are called, but no events: the window stands still meanwhile. There it is better to
    keep the pool in an attribute and let on_done say when all is finished. Any thread.
    """

    def __init__(self, max_workers: Optional[int] = None, thread_name_prefix: str = "gilyield-job") -> None:
        """max_workers: threads; default: 4 more than processors, at most 32. thread_name_prefix: what their names begin with."""
        self._executor = futures.ThreadPoolExecutor(max_workers, thread_name_prefix=thread_name_prefix)
        self._jobs: Set[Job] = set()
        self._shut = False
        _pools.add(self)

    def start(
        self,
        f: Callable[..., Any],
        /,
        *args: Any,
        on_result: Optional[Callable[[Any], Any]] = None,
        on_error: Optional[Callable[[BaseException], Any]] = None,
        on_progress: Optional[Callable[[float, Optional[float], str], Any]] = None,
        on_done: Optional[Callable[[Job], Any]] = None,
        after: Union[Job, Iterable[Job], None] = None,
        **kwargs: Any,
    ) -> Job:
        """Run f(*args, **kwargs) in the background; return its Job. RuntimeError after shutdown().

        after: a job, or several, that are to end before it begins, however they end. It has no thread until then. A function that
        takes one of these names itself gets it by functools.partial.
        """
        callbacks = _callbacks(on_result, on_error, on_progress, on_done)
        payload = Payload(f, args, kwargs)
        # The job's are to be the last references: those in the payload and in the dict go there.
        del f, args, kwargs, on_result, on_error, on_progress, on_done
        return self._begin(payload, callbacks, after)

    def _begin(self, payload: Payload, callbacks: Callbacks, after: Union[Job, Iterable[Job], None]) -> Job:
        if self._shut:
            raise RuntimeError("no job can be started after shutdown()")
        job = Job(self, payload, callbacks)
        self._jobs.add(job)
        try:
            job._start(self._executor, [after] if isinstance(after, Job) else list(after or ()))
        except BaseException:
            self._jobs.discard(job)
            raise
        return job

    def start_each(self, f: Callable[..., Any], items: Iterable[Any], /, **callbacks: Any) -> List[Job]:
        """start(f, item, **callbacks) for each item; return the jobs."""
        return [self.start(f, item, **callbacks) for item in items]

    @property
    def jobs(self) -> List[Job]:
        """The jobs that have not come to their end, callbacks included."""
        # Who waited for one may look before it is forgotten.
        return [job for job in list(self._jobs) if not job._delivered.done()]

    def cancel(self) -> None:
        """Cancel all jobs of this pool."""
        for job in self.jobs:
            job.cancel()

    def wait(self, timeout: Optional[float] = None) -> bool:
        """Wait as Job.wait() for all jobs that there are now; return False after `timeout` seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        return all([job.wait(deadline and max(0.0, deadline - time.monotonic())) for job in self.jobs])

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more jobs. wait: until those there are have come to their end, as Pool.wait(); cancel_futures: cancel those that
        have not begun, as concurrent.futures.Executor.shutdown().
        """
        self._shut = True
        for job in self.jobs if cancel_futures else ():
            if job.future.cancel():
                job.cancel()
        if wait:
            self.wait()
        if not any(job.state == "waiting" for job in self.jobs):
            self._executor.shutdown(wait=False)

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, kind: Any, *rest: Any) -> None:
        if kind is not None:
            self.cancel()
        self.shutdown()

    def _forget(self, job: Job) -> None:
        self._jobs.discard(job)
        if self._shut and not self._jobs:
            self._executor.shutdown(wait=False)


_pools: "weakref.WeakSet[Pool]" = weakref.WeakSet()
_shared_lock = threading.Lock()
_shared: Optional[Pool] = None  # made by the first start()


def _callbacks(*given: Optional[Callable[..., Any]]) -> Callbacks:
    return dict(zip(("on_result", "on_error", "on_progress", "on_done"), given))


def start(
    f: Callable[..., Any],
    /,
    *args: Any,
    on_result: Optional[Callable[[Any], Any]] = None,
    on_error: Optional[Callable[[BaseException], Any]] = None,
    on_progress: Optional[Callable[[float, Optional[float], str], Any]] = None,
    on_done: Optional[Callable[[Job], Any]] = None,
    after: Union[Job, Iterable[Job], None] = None,
    **kwargs: Any,
) -> Job:
    """Run f(*args, **kwargs) in the background, in a pool that all share; return its Job. See Pool.start()."""
    global _shared
    if _shared is None:
        with _shared_lock:
            _shared = _shared or Pool()
    callbacks = _callbacks(on_result, on_error, on_progress, on_done)
    payload = Payload(f, args, kwargs)
    del f, args, kwargs, on_result, on_error, on_progress, on_done
    return _shared._begin(payload, callbacks, after)


def current() -> Optional[Job]:
    """Return the job that the calling thread runs, None outside of jobs."""
    return getattr(_here, "job", None)


def progress(done: float, total: Optional[float] = None, text: str = "") -> None:
    """current().progress(done, total, text); does nothing outside of a job, so that the same function works without one."""
    job = current()
    if job is not None:
        job.progress(done, total, text)


def _cancel_all() -> None:
    for pool in list(_pools):
        pool.cancel()


_gui_queue.at_python_end(_cancel_all)

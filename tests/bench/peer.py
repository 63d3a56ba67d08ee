"""What the peers in PyTorch share: their options, the threads, and the timing of iterations. To be imported
before torch, which reads the numbers of threads when it is loaded."""
import argparse
import os
import resource
import statistics
import time


def options(doc, workloads, **numbers):
    """The options on the command line; `numbers` are more of them, by their letter (name, default)."""
    parser = argparse.ArgumentParser(description=doc,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", choices=workloads)
    numbers = {"t": ("THREADS", 1), "n": ("ITERATIONS", 5), **numbers}
    for letter, (name, default) in numbers.items():
        parser.add_argument(f"-{letter}", type=int, default=default, metavar=name)
    parser.add_argument("--channels-last", action="store_true")
    args = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(args.t))
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return args


def timed(step, count):
    """After one to warm up: the median seconds of a step by the clock and of the processor."""
    wall, processor = [], []
    step()
    for _ in range(count):
        at, used = time.perf_counter(), time.process_time()
        step()
        wall.append(time.perf_counter() - at)
        processor.append(time.process_time() - used)
    return statistics.median(wall), statistics.median(processor)


def peak():
    """MiB of memory, the most there were."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

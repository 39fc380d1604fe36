package org.pgtrace.cli;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Work that SIGINT or SIGTERM ends in good order: with its own exit code, not the JVM's. */
final class UntilSignal {
  private UntilSignal() {}

  /**
   * Does the work.
   *
   * @param stop has the work come to its end; called in another thread
   */
  static int run(Callable<Integer> work, Runnable stop) throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    AtomicInteger exitCode = new AtomicInteger(ExitCodes.PROBLEM);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> endWork(stop, ended, exitCode), "stop"));
    try {
      exitCode.set(work.call());
      return exitCode.get();
    } finally {
      ended.countDown();
    }
  }

  private static void endWork(Runnable stop, CountDownLatch ended, AtomicInteger exitCode) {
    if (ended.getCount() == 0) {
      return;
    }
    stop.run();
    try {
      ended.await();
      Runtime.getRuntime().halt(exitCode.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package org.pgtrace.ebpf;

import java.util.ArrayList;
import java.util.List;

/** Keeps what a handler hears. */
final class Heard implements KernelEventHandler {
  /** A call, kept. */
  record Io(
      int pid,
      IoCall call,
      int fd,
      long offset,
      long asked,
      long result,
      long beginNs,
      long endNs,
      PgFile file,
      int requests,
      long requestBytes,
      int completedRequests,
      long deviceNs) {}

  record OffCpu(int pid, long beginNs, long endNs, long runQueueNs, Sleep sleep) {}

  record Request(
      int pid,
      long device,
      long sector,
      long bytes,
      boolean write,
      long beginNs,
      long endNs,
      long callBeginNs) {}

  final List<Io> calls = new ArrayList<>();
  final List<OffCpu> offCpus = new ArrayList<>();
  final List<Request> requests = new ArrayList<>();

  /** The others, and calls in short, in order. */
  final List<String> all = new ArrayList<>();

  final List<String> seldom = new ArrayList<>();
  long upToNs;
  long lost;

  @Override
  public void began(int pid, long ns) {
    seldom(pid + " began");
  }

  @Override
  public void io(IoEvent e) {
    calls.add(
        new Io(
            e.pid(),
            e.call(),
            e.fd(),
            e.offset(),
            e.asked(),
            e.result(),
            e.beginNs(),
            e.endNs(),
            e.file(),
            e.requests(),
            e.requestBytes(),
            e.completedRequests(),
            e.deviceNs()));
    all.add(e.pid() + " " + e.call().syscall() + " " + e.file().path() + " " + e.endNs());
  }

  @Override
  public void offCpu(int pid, long beginNs, long endNs, long runQueueNs, Sleep sleep) {
    offCpus.add(new OffCpu(pid, beginNs, endNs, runQueueNs, sleep));
    all.add(pid + " off " + endNs);
  }

  @Override
  public void blockRequest(
      int pid,
      long device,
      long sector,
      long bytes,
      boolean write,
      long beginNs,
      long endNs,
      long callBeginNs) {
    requests.add(new Request(pid, device, sector, bytes, write, beginNs, endNs, callBeginNs));
  }

  @Override
  public void upTo(int pid, long ns) {
    upToNs = ns;
    all.add(pid + " up to " + ns);
  }

  @Override
  public void exited(int pid, long ns) {
    seldom(pid + " exited");
  }

  @Override
  public void lost(int pid, long events, long fromNs, long toNs) {
    lost += events;
    seldom(pid + " lost " + events + " from " + fromNs + " to " + toNs);
  }

  @Override
  public void lostBy(LossCause cause, long lines, long atNs) {
    seldom(cause + " " + lines);
  }

  @Override
  public void gap(long fromNs, long toNs) {
    seldom("gap of " + (toNs - fromNs) / 1_000_000 + " ms");
  }

  private void seldom(String what) {
    seldom.add(what);
    all.add(what);
  }
}

// The progress line, standard output's failures, and Ctrl-C.

import CommandLineKit
import Glibc
import Testing

@Suite("CommandLineKit: terminal")
struct CommandLineKitTerminalTests {
  static let chains = [
    ChainProgress(iterations: 1500, total: 2000, warmup: 1000, divergences: 2),
    ChainProgress(iterations: 1000, total: 2000, warmup: 1000),
  ]

  @Test(
    "The progress line says as much as fits",
    arguments: [
      (
        120,
        "sampling  [############........]   62 %  2 chains: 75 50 %  250 draws/s  2 divergences  "
          + "0:10 left"
      ),
      (80, "sampling  [############........]   62 %  250 draws/s  2 divergences  0:10 left"),
      (60, "sampling   62 %  250 draws/s  2 divergences  0:10 left"),
      (40, " 62 %  2 divergences  0:10 left"), (20, " 62 %  0:10 left"), (5, " 62 %"),
    ] as [(Int, String)])
  func progress(width: Int, expected: String) {
    #expect(progressLine(Self.chains, seconds: 10, width: width) == expected)
  }

  @Test("Before the first iteration there is no speed and no time left")
  func start() {
    let chain = ChainProgress(iterations: 0, total: 100, warmup: 50)
    #expect(progressLine([chain], seconds: 0) == "warmup    [....................]    0 %  1 chain")
    #expect(progressLine([], seconds: 0, width: 20).count <= 20)
  }

  @Test("Hours are shown where there are hours")
  func hours() {
    let chain = ChainProgress(iterations: 1, total: 3724, warmup: 0)
    #expect(progressLine([chain], seconds: 1, width: 20).hasSuffix("1:02:03 left"))
  }

  @Test(
    "A closed pipe and a full disk are failures that end with 74", .serialized,
    arguments: ["pipe", "disk"])
  func outputFailures(kind: String) throws {
    var ends: [Int32] = [0, 0]
    let descriptor: Int32
    if kind == "pipe" {
      try #require(pipe(&ends) == 0)
      close(ends[0])
      descriptor = ends[1]
    } else {
      descriptor = open("/dev/full", O_WRONLY)
      try #require(descriptor >= 0)
    }
    StandardStream.prepare()
    let failure = #expect(throws: OutputFailure.self) {
      try StandardStream.write("text", to: descriptor)
    }
    close(descriptor)
    #expect(failure?.isBrokenPipe == (kind == "pipe"))
    #expect(failure?.exitCode == .ioError)
    #expect(failure?.message.hasPrefix("error: standard output cannot be written: ") == true)
  }

  // `kill` and not `raise`: the threads that run tests block signals, the main thread takes them.

  @Test("The first Ctrl-C asks to stop, and the process goes on")
  func interrupt() async {
    await #expect(processExitsWith: .exitCode(7)) {
      Interrupt.install()
      precondition(!Interrupt.isRequested)
      kill(getpid(), SIGINT)
      while !Interrupt.isRequested { usleep(1000) }
      exit(7)
    }
  }

  @Test("The second Ctrl-C ends the process with 130")
  func secondInterrupt() async {
    await #expect(processExitsWith: .exitCode(130)) {
      Interrupt.install()
      kill(getpid(), SIGINT)
      while !Interrupt.isRequested { usleep(1000) }
      kill(getpid(), SIGINT)
      while true { usleep(1000) }
    }
  }
}

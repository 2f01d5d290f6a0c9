import type { RunStatus } from '@nanoagent/bus'

/** What the command's exit status says. */
export const EXIT = Object.freeze({
  /** The run completed and the password passed. */
  pass: 0,
  /** The run failed, stalled or was over its budget; or the command itself has a bug. */
  failed: 1,
  /** Wrong usage or configuration. */
  usage: 2,
  /** The run completed and the verdict is FAIL. */
  fail: 3,
  /** A replay did something else than was recorded. */
  diverged: 4,
  /** As `timeout` of the coreutils has it. */
  timedOut: 124,
  /** 128 and the signal's number, as shells have it. */
  interrupted: 130,
  /** What shells show for a command that wrote to a closed pipe. */
  brokenPipe: 141,
  terminated: 143,
})

/** The exit status of a run that was not stopped from outside. */
export function exitStatusOf(run: {
  readonly status: RunStatus
  readonly output?: { readonly verdict: 'PASS' | 'FAIL' }
}): number {
  if (run.status === 'completed') return run.output?.verdict === 'PASS' ? EXIT.pass : EXIT.fail
  if (run.status === 'timed_out') return EXIT.timedOut
  return run.status === 'cancelled' ? EXIT.interrupted : EXIT.failed
}

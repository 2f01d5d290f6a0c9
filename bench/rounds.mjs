/**
 * Takes samples of several subjects in turns: each once a round, in a new random order every time,
 * so that whatever else the machine does meets all of them alike. The samples of the warm-up rounds
 * are thrown away. Gives the samples of each subject, in the order of the subjects.
 */
export async function interleave(subjects, { warmUpRounds, rounds }, sample) {
  const samples = new Map(subjects.map((subject) => [subject, []]))
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const subject of shuffled(subjects)) {
      const value = await sample(subject)
      if (round >= 0) samples.get(subject).push(value)
    }
  }
  return [...samples.values()]
}

/**
 * How often `once` fits into `sampleMs`, at least once; found by doing it for one to two `warmUpMs`, in
 * which it becomes optimised code. That takes the bus some 30,000 runs. Only the time of this thread
 * on a processor counts, or a busy machine would measure code that is still cold.
 */
export async function batchFor(once, { sampleMs, warmUpMs }) {
  for (let batch = 1; ; batch *= 2) {
    const startedAt = process.threadCpuUsage()
    const tookMs = await timed(async () => {
      for (let i = 0; i < batch; i++) await once()
    })
    const { user, system } = process.threadCpuUsage(startedAt)
    const usedMs = (user + system) / 1_000
    // Whatever waits uses no processor: it must not go on for ever.
    if (usedMs >= warmUpMs / 2 || tookMs >= 20 * warmUpMs) {
      return Math.max(1, Math.round((batch * sampleMs) / usedMs))
    }
  }
}

/** How many milliseconds it takes. */
export async function timed(work) {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

/** How many microseconds it takes once, done as often as a batch says. */
export async function microsecondsOf(once, batch) {
  // Nobody pays for another's young garbage. A full collection would also throw away code.
  globalThis.gc({ type: 'minor' })
  const tookMs = await timed(async () => {
    for (let i = 0; i < batch; i++) await once()
  })
  return (tookMs * 1_000) / batch
}

/** The value below which a share of the values lies, between two of them where it must be. */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)]
  return low + (sorted[Math.ceil(at)] - low) * (at - Math.floor(at))
}

/** The middle of the values, and the half of them that lies around it. */
export function spread(values) {
  return {
    median: quantile(values, 0.5),
    from: quantile(values, 0.25),
    to: quantile(values, 0.75),
    samples: values.length,
  }
}

function shuffled(items) {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    const item = result[i]
    result[i] = result[j]
    result[j] = item
  }
  return result
}

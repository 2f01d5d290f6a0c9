import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { type Orders, Report } from './orders.ts'
import type { Packed } from './packed.ts'

/** A process that plays a team on a journal, from its start to its end. */
export interface Life {
  /** Its name at the model. */
  readonly name: string
  readonly seed: string
  /** What it has said so far. */
  readonly reports: readonly Report[]
  /** Resolves when it says something that fits, or is over. */
  said(fits: (report: Report) => boolean): Promise<void>
  /** Lets it begin, where it waits. */
  go(): void
  kill(signal?: NodeJS.Signals): void
  /** Resolves when it is gone, and all that it said is here: to what killed it, or how it ended. */
  readonly end: Promise<NodeJS.Signals | number>
}

/** Starts the program with orders. What it writes to its standard error becomes an error of `end`. */
export function startLife(packed: Packed, orders: Orders): Life {
  const child = spawn(process.execPath, [packed.program, JSON.stringify(orders)], {
    env: packed.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const reports: Report[] = []
  const listeners = new Set<(report?: Report) => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const report = Report.parse(JSON.parse(line))
    reports.push(report)
    for (const listener of listeners) listener(report)
  })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  child.stdin.on('error', () => {})
  const end = new Promise<NodeJS.Signals | number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      for (const listener of listeners) listener()
      if (complaint === '') resolve(signal ?? code ?? 0)
      else reject(new Error(`${orders.name} ended with ${signal ?? code}: ${complaint}`))
    })
  })
  end.catch(() => {})
  return {
    name: orders.name,
    seed: orders.seed,
    reports,
    said: (fits) =>
      new Promise((resolve) => {
        const listener = (report?: Report) => {
          if (report !== undefined && !fits(report)) return
          listeners.delete(listener)
          resolve()
        }
        listeners.add(listener)
        if (reports.some(fits)) listener()
      }),
    go: () => child.stdin.end(),
    kill: (signal = 'SIGKILL') => child.kill(signal),
    end,
  }
}

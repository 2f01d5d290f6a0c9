import { Worker } from 'node:worker_threads'
import type { CheckedRun } from '@nanoagent/orchestrator'
import { checkFile, type FileOptions, type FileToCheck } from './check-file.ts'

/** What a thread is told. */
export type ToWorker =
  | { readonly kind: 'check'; readonly file: FileToCheck }
  | { readonly kind: 'passphrase'; readonly passphrase: string }

/** What a thread tells. */
export type FromWorker =
  | { readonly kind: 'run'; readonly run: CheckedRun }
  /** Its file is checked. */
  | { readonly kind: 'done' }
  /** It needs the passphrase. */
  | { readonly kind: 'passphrase' }

/** What a thread knows from its beginning. */
export type WorkerOptions = Pick<FileOptions, 'attempts' | 'isWithoutSecrets'>

/** How files are checked. */
export interface CheckFilesOptions extends WorkerOptions {
  readonly files: readonly FileToCheck[]
  /** Most files at once, each on a thread of its own. */
  readonly atOnce: number
  readonly passphrase: () => Promise<string>
  /** Ends the check early. */
  readonly signal: AbortSignal
  readonly onRun: (run: CheckedRun) => void
  readonly onFile: () => void
}

/** Checks files, several at once; gives what came of their runs, in their order. */
export async function checkFiles(options: CheckFilesOptions): Promise<readonly CheckedRun[]> {
  const { files, atOnce, onRun, onFile, signal } = options
  const found = new Map<FileToCheck, CheckedRun[]>()
  const left = files.values()
  const threads = Math.min(atOnce, files.length)
  const work = async () => {
    using thread = threads > 1 ? threadOf(options) : ownThread(options)
    for (const file of left) {
      if (signal.aborted) return
      const runs: CheckedRun[] = []
      found.set(file, runs)
      await thread.check(file, (run) => {
        runs.push(run)
        onRun(run)
      })
      if (!signal.aborted) onFile()
    }
  }
  await Promise.all(Array.from({ length: threads }, work))
  return files.flatMap((file) => found.get(file) ?? [])
}

/** Checks one file after the other. */
interface Thread extends Disposable {
  /** Resolves when the file is checked, or the check was ended early. */
  check(file: FileToCheck, onRun: (run: CheckedRun) => void): Promise<void>
}

function ownThread(options: CheckFilesOptions): Thread {
  const { attempts, isWithoutSecrets, passphrase, signal } = options
  return {
    check: (file, onRun) =>
      checkFile(
        file,
        {
          passphrase,
          signal,
          ...(attempts === undefined ? {} : { attempts }),
          ...(isWithoutSecrets === undefined ? {} : { isWithoutSecrets }),
        },
        onRun,
      ),
    [Symbol.dispose]() {},
  }
}

function threadOf({ attempts, isWithoutSecrets, passphrase, signal }: CheckFilesOptions): Thread {
  const workerData: WorkerOptions = {
    ...(attempts === undefined ? {} : { attempts }),
    ...(isWithoutSecrets === undefined ? {} : { isWithoutSecrets }),
  }
  const worker = new Worker(
    import.meta.url.endsWith('.ts')
      ? new URL('./worker.ts', import.meta.url)
      : new URL('./check-worker.js', import.meta.url),
    { workerData },
  )
  const tell = (message: ToWorker) => worker.postMessage(message)
  return {
    async check(file, onRun) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const end = () => resolve()
      const onMessage = (message: FromWorker) => {
        if (message.kind === 'run') onRun(message.run)
        else if (message.kind === 'done') resolve()
        else passphrase().then((given) => tell({ kind: 'passphrase', passphrase: given }), reject)
      }
      worker.on('message', onMessage).on('error', reject)
      signal.addEventListener('abort', end)
      tell({ kind: 'check', file: { name: file.name, path: file.path } })
      try {
        await promise
      } finally {
        worker.off('message', onMessage).off('error', reject)
        signal.removeEventListener('abort', end)
      }
    },
    [Symbol.dispose]: () => void worker.terminate(),
  }
}

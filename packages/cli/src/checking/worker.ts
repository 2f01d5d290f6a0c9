import { parentPort, workerData } from 'node:worker_threads'
import { checkFile } from './check-file.ts'
import type { FromWorker, ToWorker, WorkerOptions } from './workers.ts'

const port = parentPort
if (port === null) throw new Error('this file is a thread of nanoagent replay --check')
const tell = (message: FromWorker) => port.postMessage(message)
const options: WorkerOptions = workerData

const passphrase = Promise.withResolvers<string>()
let isAsked = false

port.on('message', async (message: ToWorker) => {
  if (message.kind === 'passphrase') {
    passphrase.resolve(message.passphrase)
    return
  }
  await checkFile(
    message.file,
    {
      ...options,
      passphrase() {
        if (!isAsked) tell({ kind: 'passphrase' })
        isAsked = true
        return passphrase.promise
      },
    },
    (run) => tell({ kind: 'run', run }),
  )
  tell({ kind: 'done' })
})

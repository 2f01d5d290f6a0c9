import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const program = fileURLToPath(new URL('otlp-receiver-process.ts', import.meta.url))
const Address = z.object({ port: z.number() })

/** A trace as the receiver gives it back. */
const ReceivedTrace = z.object({
  traceId: z.string(),
  spans: z.record(
    z.string(),
    z.object({
      spanId: z.string(),
      parentSpanId: z.string().optional(),
      displayName: z.string(),
      spanKind: z.string(),
      startTime: z.number(),
      endTime: z.number(),
      attributes: z.record(z.string(), z.unknown()),
      status: z.object({ code: z.number(), message: z.string().optional() }).optional(),
    }),
  ),
})
type ReceivedTrace = z.infer<typeof ReceivedTrace>

/** A real OTLP receiver in a process of its own: Genkit's telemetry server. */
export interface OtlpReceiver extends AsyncDisposable {
  /** Posts an export as any exporter would; gives the status of the answer. */
  post(body: string): Promise<number>
  read(traceId: string): Promise<ReceivedTrace>
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const folder = await mkdtemp(join(tmpdir(), 'nanoagent-otlp-'))
  const child = spawn(process.execPath, [program, folder], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { HOME: folder },
  })
  const [address] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the receiver did not start'))),
  ])
  const base = `http://127.0.0.1:${Address.parse(address).port}/api`
  return {
    async post(body) {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${base}/otlp/v1/traces`, { method: 'POST', headers, body })
      await answer.text()
      return answer.status
    },
    async read(traceId) {
      return ReceivedTrace.parse(await (await fetch(`${base}/traces/${traceId}`)).json())
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

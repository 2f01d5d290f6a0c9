import { createServer, type RequestListener } from 'node:http'
import type { Server } from 'node:net'

/** Lets a server listen at a free port of the loopback, and gives the port. */
export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** An endpoint on the loopback that counts its requests and goes with its scope. */
export async function serve(handler: RequestListener) {
  let requests = 0
  const bodies: string[] = []
  const server = createServer((incoming, response) => {
    requests += 1
    const at = bodies.push('') - 1
    incoming.on('data', (chunk) => {
      bodies[at] += chunk
    })
    handler(incoming, response)
  })
  const port = await listening(server)
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    port,
    requests: () => requests,
    /** What was sent, one body for each request. */
    bodies: (): readonly string[] => bodies,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The headers of a stream of server-sent events. */
export const eventStream = { 'content-type': 'text/event-stream; charset=utf-8' }

/** Server-sent events, one for each of these: text as it is, else as JSON. */
export function events(...all: readonly unknown[]): string {
  return all
    .map((data) => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`)
    .join('')
}

/** A chunk of a streamed completion. */
export function chunk(delta: object, finish_reason: string | null = null): object {
  return { object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] }
}

/** A whole stream that says these pieces of text. */
export function saying(...pieces: readonly string[]): string {
  return events(...pieces.map((content) => chunk({ content })), chunk({}, 'stop'), '[DONE]')
}

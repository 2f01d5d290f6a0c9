// Two runs are recorded in a file; what happened is read back from it, drawn, and compared.
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  causesOf,
  createBus,
  defineMessage,
  diffRuns,
  findRun,
  listRuns,
  otlpTraces,
  readRun,
  sequenceDiagram,
} from '@nanoagent/bus'
import { openJournal } from '@nanoagent/bus/sqlite'
import { z } from 'zod'

const Order = z.object({ cake: z.string(), count: z.number() })
const Ordered = defineMessage('order.placed', Order)
const Baked = defineMessage('order.baked', Order)
const Delivered = defineMessage('order.delivered', z.string())

await using folder = await mkdtempDisposable(join(tmpdir(), 'nanoagent-'))
const path = join(folder.path, 'journal.db')

async function order(cake: string, count: number): Promise<void> {
  await using journal = await openJournal(path)
  await using bus = createBus({ journal })
  bus.subscribe('baker', {
    accepts: [Ordered],
    backoffMs: 0,
    handle({ data }, ctx) {
      if (data.count > 2 && ctx.attempt === 1) throw new Error('the oven is too small')
      ctx.handoff('courier', Baked, data)
    },
  })
  bus.subscribe('courier', {
    accepts: [Baked],
    handle: (_message, ctx) => ctx.handoff('coordinator', Delivered, 'at the door'),
  })
  await bus.publish('baker', Ordered, { cake, count }, { terminal: Delivered }).result
}

await order('walnut', 1)
await order('lemon', 3)

await using journal = await openJournal(path, { mode: 'read' })
for await (const { status, request } of listRuns(journal)) console.log(status, request)

const first = await readRun(journal, await findRun(journal, 'last~1'))
const last = await readRun(journal, await findRun(journal, 'last'))

const { nodes, firstFailure } = last.graph
const failed = nodes.get(firstFailure?.messageId ?? '')?.attempts[0]
console.log('failed first:', failed?.error?.message)

const end = [...nodes.keys()].at(-1) ?? ''
const causes = causesOf(last.graph, end).map((id) => nodes.get(id)?.message.type)
console.log('led to the end:', causes.join(', '))

for (const { path, type, kind, fields, attempts } of diffRuns(first.graph, last.graph).messages) {
  console.log(kind, path, type)
  for (const field of fields) console.log(' ', field.path, field.before, '→', field.after)
  for (const attempt of attempts) console.log('  attempt', attempt.attempt, attempt.kind)
}

console.log(sequenceDiagram(last.graph))

const spans = otlpTraces(last.records)?.resourceSpans[0]?.scopeSpans[0]?.spans ?? []
for (const { name, status } of spans) console.log(status === undefined ? name : `${name}, failed`)

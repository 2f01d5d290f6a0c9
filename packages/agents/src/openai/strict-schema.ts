import { z } from 'zod'
import type { JsonSchema } from '../model.ts'

const Node = z.looseObject({})
const Nodes = z.record(z.string(), Node)

// What OpenAI's strict mode knows, beside what holds further schemas.
const known = new Set([
  'type',
  'enum',
  'const',
  'title',
  'description',
  'required',
  'additionalProperties',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
])

const formats = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uuid',
])

// Annotations that no answer depends on.
const idle = new Set(['$schema', '$id', 'default', 'examples', 'deprecated', 'readOnly'])

// Constraints that fit into words: the answer is parsed by the real schema anyway.
const sayable = new Set(['minLength', 'maxLength', 'uniqueItems', 'pattern', 'format'])

/**
 * The schema as OpenAI's strict mode takes it: only keywords it knows, the others said in the
 * description. Undefined where the shape itself is more than strict mode can say: an optional key, an
 * open object, a record, a tuple, anything at all, or a root that is no object.
 */
export function strictSchema(schema: JsonSchema): JsonSchema | undefined {
  const strict = strictNode(schema)
  return strict?.type === 'object' ? strict : undefined
}

/** The schema without the name of its dialect, which some endpoints refuse. */
export function plainSchema({ $schema: _, ...schema }: JsonSchema): JsonSchema {
  return schema
}

function strictNode(node: JsonSchema): JsonSchema | undefined {
  // Strict mode takes no other keyword beside a reference.
  if ('$ref' in node) return { $ref: node.$ref }
  if (!['type', 'enum', 'const', 'anyOf', 'oneOf'].some((key) => key in node)) return undefined
  const types = [node.type].flat()
  if (types.includes('object') && !isClosed(node)) return undefined
  if (types.includes('array') && !('items' in node)) return undefined
  const strict: Record<string, unknown> = {}
  const said: string[] = []
  const hasFormat = formats.has(String(node.format))
  for (const [key, value] of Object.entries(node)) {
    if (known.has(key) || (key === 'format' && hasFormat)) strict[key] = value
    // A format says all that its pattern says.
    else if (idle.has(key) || (key === 'pattern' && hasFormat)) continue
    else if (sayable.has(key)) said.push(`${key}: ${String(value)}`)
    else {
      const inner = strictInner(key, value)
      if (inner === undefined) return undefined
      strict[key === 'oneOf' ? 'anyOf' : key] = inner
    }
  }
  if (said.length > 0) {
    strict.description = [node.description, `(${said.join(', ')})`].filter(Boolean).join(' ')
  }
  return strict
}

/** The strict form of what a keyword holds; undefined where there is none. */
function strictInner(key: string, value: unknown): unknown {
  switch (key) {
    case 'properties':
    case '$defs': {
      const entries = Object.entries(Nodes.parse(value)).map(
        ([name, node]) => [name, strictNode(node)] as const,
      )
      return entries.some(([, node]) => node === undefined)
        ? undefined
        : Object.fromEntries(entries)
    }
    case 'anyOf':
    case 'oneOf': {
      const nodes = z.array(Node).parse(value).map(strictNode)
      return nodes.includes(undefined) ? undefined : nodes
    }
    case 'items': {
      const node = Node.safeParse(value)
      return node.success ? strictNode(node.data) : undefined
    }
    default:
      return undefined
  }
}

/** Whether an object has its keys, needs them all and takes no other. */
function isClosed(node: JsonSchema): boolean {
  const keys = Object.keys(Nodes.catch({}).parse(node.properties))
  const required = z.array(z.string()).catch([]).parse(node.required)
  return node.additionalProperties === false && keys.every((key) => required.includes(key))
}

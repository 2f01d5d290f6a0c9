import { createAgent, createNetwork, createState, openai } from '@inngest/agent-kit'
import { agents } from '../scenario.mjs'
import { schemas } from '../schemas.mjs'

export const title = 'Inngest AgentKit'

const URL_OF_MODEL = 'http://model.invalid/v1/'

/**
 * A network of three agents with a router of code, outside of an Inngest function, so without its
 * durable steps. A model of AgentKit is an address that it fetches, and nothing else can be passed in:
 * the global `fetch` is replaced by one that answers at once. So what is measured includes writing and
 * reading the JSON of requests and answers, and no HTTP.
 */
export function create() {
  const { fetch } = globalThis
  globalThis.fetch = answerAtOnce
  const [planner, implementer, tester] = [
    agentOf('planner', 'plan'),
    agentOf('implementer', 'implementation'),
    agentOf('tester', 'report'),
  ]
  const network = createNetwork({
    name: 'password',
    agents: [planner, implementer, tester],
    router({ network: { state } }) {
      if (state.data.plan === undefined) return planner
      if (state.data.implementation === undefined) return implementer
      if (state.data.report === undefined) return tester
    },
  })

  return {
    async run(task) {
      const prompt = JSON.stringify(schemas.task.parse(task))
      const { state } = await network.run(prompt, { state: createState() })
      return state.data.report
    },
    async close() {
      globalThis.fetch = fetch
    },
  }
}

/** An agent whose answer is parsed and kept in the state of the network's run. */
function agentOf(role, payload) {
  return createAgent({
    name: role,
    system: `You are the ${role}.`,
    model: openai({ model: role, apiKey: 'none', baseUrl: URL_OF_MODEL }),
    lifecycle: {
      onFinish({ result, network }) {
        const data = JSON.parse(result.output.at(-1).content)
        network.state.data[payload] = schemas[payload].parse(data)
        return result
      },
    },
  })
}

/** The endpoint of a model that is called like its agent: what the last message says is its input. */
async function answerAtOnce(url, { body }) {
  if (!String(url).startsWith(URL_OF_MODEL)) throw new Error(`'${url}' is not to be fetched`)
  const { model, messages } = JSON.parse(body)
  const content = JSON.stringify(await agents[model](JSON.parse(messages.at(-1).content)))
  return {
    async json() {
      return { choices: [{ message: { role: 'assistant', content }, finish_reason: 'stop' }] }
    },
  }
}

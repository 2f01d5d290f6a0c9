import { Agent, handoff, Runner, Usage } from '@openai/agents'
import { agents } from '../scenario.mjs'
import { schemas } from '../schemas.mjs'

export const title = '@openai/agents'

/**
 * Three agents with handoffs, tracing off. The runner parses the inputs of the handoffs, and the output
 * of the last agent twice: when it comes, and when it is read from the result. Models speak JSON, so
 * each payload is also written and read as text.
 */
export function create() {
  const tester = Agent.create({
    name: 'tester',
    instructions: 'Test.',
    outputType: schemas.report,
    model: modelOf(async (input) => message(await agents.tester(received(input)))),
  })
  const implementer = Agent.create({
    name: 'implementer',
    instructions: 'Implement.',
    handoffs: [handoff(tester, { inputType: schemas.implementation, onHandoff() {} })],
    model: modelOf(async (input) => transfer('tester', await agents.implementer(received(input)))),
  })
  const planner = Agent.create({
    name: 'planner',
    instructions: 'Plan.',
    handoffs: [handoff(implementer, { inputType: schemas.plan, onHandoff() {} })],
    model: modelOf(async (input) => transfer('implementer', await agents.planner(asked(input)))),
  })
  const runner = new Runner({ tracingDisabled: true })

  return {
    async run(task) {
      const result = await runner.run(planner, JSON.stringify(schemas.task.parse(task)))
      return result.finalOutput
    },
    async close() {},
  }
}

/** A model that answers at once. */
function modelOf(answer) {
  return {
    async getResponse({ input }) {
      return { usage: new Usage(), output: [await answer(input)] }
    },
  }
}

/** What the user said. */
function asked(input) {
  return JSON.parse(input.find(({ role }) => role === 'user').content)
}

/** What the agent before handed over. */
function received(input) {
  return JSON.parse(input.findLast(({ type }) => type === 'function_call').arguments)
}

function transfer(role, data) {
  return {
    type: 'function_call',
    callId: `call_${role}`,
    name: `transfer_to_${role}`,
    status: 'completed',
    arguments: JSON.stringify(data),
  }
}

function message(data) {
  return {
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: JSON.stringify(data) }],
  }
}

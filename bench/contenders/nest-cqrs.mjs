import 'reflect-metadata'
import { Inject, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { CommandBus, CommandHandler, CqrsModule } from '@nestjs/cqrs'
import { agents } from '../scenario.mjs'
import { schemas } from '../schemas.mjs'

export const title = 'NestJS CommandBus'

class Command {
  constructor(data) {
    this.data = data
  }
}
class Plan extends Command {}
class Implement extends Command {}
class Test extends Command {}

class Handler {
  constructor(commands) {
    this.commands = commands
  }
}
class Planner extends Handler {
  async execute({ data }) {
    return this.commands.execute(new Implement(schemas.plan.parse(await agents.planner(data))))
  }
}
class Implementer extends Handler {
  async execute({ data }) {
    const implementation = schemas.implementation.parse(await agents.implementer(data))
    return this.commands.execute(new Test(implementation))
  }
}
class Tester extends Handler {
  async execute({ data }) {
    return schemas.report.parse(await agents.tester(data))
  }
}
class App {}

/** An application of three handlers of commands, each of which executes the next command. */
export async function create() {
  // JavaScript has no decorators yet; they are functions.
  for (const [handler, command] of [
    [Planner, Plan],
    [Implementer, Implement],
    [Tester, Test],
  ]) {
    CommandHandler(command)(handler)
    Inject(CommandBus)(handler, undefined, 0)
  }
  const providers = [Planner, Implementer, Tester]
  Module({ imports: [CqrsModule.forRoot()], providers })(App)
  const application = await NestFactory.createApplicationContext(App, { logger: false })
  const commands = application.get(CommandBus)

  return {
    run: (task) => commands.execute(new Plan(schemas.task.parse(task))),
    close: () => application.close(),
  }
}

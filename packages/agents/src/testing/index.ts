export {
  createScriptedModel,
  type ScriptedModel,
  type ScriptedReply,
  UnexpectedRequestError,
} from './scripted-model.ts'

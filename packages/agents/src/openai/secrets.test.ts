import { expect, it } from 'vitest'
import { redactorOf } from './secrets.ts'

it('takes a key out of text as it is, as in a JSON string and as in a URL', () => {
  const { text } = redactorOf('k"e\\y')

  expect(text(`k"e\\y, ${JSON.stringify({ key: 'k"e\\y' })}, ?key=k%22e%5Cy`)).toBe(
    '[API key], {"key":"[API key]"}, ?key=[API key]',
  )
})

it('takes a key out of a path and leaves a host of the same name', () => {
  expect(redactorOf('ollama').url('http://ollama/ollama/v1')).toBe('http://ollama/[API key]/v1')
})

it('leaves text alone where there is no key', () => {
  expect(redactorOf('').text('plain')).toBe('plain')
})

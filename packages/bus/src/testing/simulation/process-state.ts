/** What the world knows of a simulated process. */
export interface ProcessState {
  readonly number: number
  /** A `zombie` acts on, though everybody takes it for dead. */
  state: 'alive' | 'zombie' | 'dead'
  /** The message whose handler killed it; absent where chance did, or it lives. */
  killedBy: string | undefined
}

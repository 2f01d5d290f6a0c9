export { type CheckRecordedRunsOptions, checkRecordedRuns } from './check-recorded-runs.ts'

package site

// Runs is when the matching runs by itself, after "from the next run on", as
// infra/schedules.yaml has it.
const Runs = "on weekday mornings at 6am"

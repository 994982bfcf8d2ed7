// What a person writes to have a pipeline started by the clock.
export const triggerSample = `triggers:
  - { cron: "15 2 * * *", timezone: Europe/Berlin }`

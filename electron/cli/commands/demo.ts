// sluice demo
import { command } from '../command.ts'

export const demoCommand = command(
  {
    docs: {
      brief: 'Show the whole story in this terminal: run, failure, cause, fix, resume',
      fullDescription:
        'Starts three embedded SSH hosts and runs a pipeline over them in a home folder of its own. Exit code 0: everything went as promised.',
    },
    parameters: {},
  },
  async (context) => {
    const { runDemo } = await import('../demo-story.ts')
    return await runDemo(context)
  },
)

// Hands our tokens to Mantine, so that its widgets and ours are one family.
import { createTheme, Modal, Tooltip, type CSSVariablesResolver } from '@mantine/core'

const accent = [
  '#e6f4f7',
  '#cfe8ee',
  '#a0d0dc',
  '#6db6c8',
  '#4cb8d1',
  '#2289a0',
  '#0b6a80',
  '#085c70',
  '#064b5c',
  '#053b48',
] as const

// Mantine's own dark greys are warm; these are the steps of our dark tokens, from text to ground.
const dark = [
  '#e6eaee',
  '#ccd3da',
  '#a6b0bb',
  '#5c6773',
  '#38424c',
  '#242b32',
  '#1b2127',
  '#13171b',
  '#0f1316',
  '#0d1013',
] as const

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 4 },
  colors: { accent: [...accent], dark: [...dark] },
  autoContrast: true,
  fontFamily: 'var(--font-ui)',
  fontFamilyMonospace: 'var(--font-mono)',
  fontSizes: { xs: '12.5px', sm: '13px', md: '14px', lg: '16px', xl: '18px' },
  defaultRadius: 'sm',
  radius: { xs: '3px', sm: '5px', md: '6px', lg: '10px', xl: '14px' },
  cursorType: 'pointer',
  focusRing: 'auto',
  components: {
    Button: { defaultProps: { size: 'xs' } },
    ActionIcon: { defaultProps: { size: 'md', variant: 'subtle', color: 'gray' } },
    TextInput: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    NativeSelect: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    MultiSelect: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Checkbox: { defaultProps: { size: 'xs' } },
    Switch: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 350, fz: 'xs', withArrow: false, offset: 6, maw: 360 },
    }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        radius: 'lg',
        overlayProps: { backgroundOpacity: 0.35, blur: 1 },
        transitionProps: { duration: 120, transition: 'pop' },
      },
    }),
  },
})

const both = {
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-dimmed': 'var(--text-soft)',
  '--mantine-color-placeholder': 'var(--text-faint)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-error': 'var(--tone-bad)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-accent-light': 'var(--accent-soft)',
  '--mantine-color-accent-light-hover': 'var(--chosen)',
  '--mantine-color-accent-light-color': 'var(--accent-strong)',
}

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: both,
  dark: both,
})

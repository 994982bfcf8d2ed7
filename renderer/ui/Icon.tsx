// Our own line icons on a 16 grid, 1.4 wide, so that they sit well beside 12.5 px text.
const PATHS = {
  now: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zM8 5v3.2l2.1 1.3',
  pipelines:
    'M3.5 3.2h2.6v2.6H3.5zM9.9 6.7h2.6v2.6H9.9zM3.5 10.2h2.6v2.6H3.5zM6.1 4.5h1.7v3.5h2.1M6.1 11.5h1.7V8',
  runs: 'M2.5 4.2h7M2.5 8h11M2.5 11.8h5M11.7 2.9v2.6l2.2-1.3z',
  incidents: 'M8 2.5 13.5 5 8 7.5 2.5 5zM2.9 8 8 10.3 13.1 8M2.9 11 8 13.3l5.1-2.3',
  hosts: 'M2.7 3h10.6v4H2.7zM2.7 9h10.6v4H2.7zM5 5h.01M5 11h.01M8.5 5h2.5M8.5 11h2.5',
  schedule: 'M2.7 3.7h10.6v9.6H2.7zM2.7 6.6h10.6M5.5 2v2.6M10.5 2v2.6M5.5 9.2h1.5M9 9.2h1.5',
  settings:
    'M3 4.7h5.5M11.5 4.7H13M3 11.3h1.5M7.5 11.3H13M8.5 4.7a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0M4.5 11.3a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0',
  search: 'M7 2.7a4.3 4.3 0 1 0 0 8.6 4.3 4.3 0 0 0 0-8.6zM10.2 10.2l3.1 3.1',
  play: 'M5 3.3v9.4L12.5 8z',
  stop: 'M4.3 4.3h7.4v7.4H4.3z',
  resume: 'M3.2 3.8v8.4M6 3.8v8.4L13 8z',
  copy: 'M5.7 5.7h7v7h-7zM10.3 5.5V3.3h-7v7h2.2',
  download: 'M8 2.7v7.1M5 7l3 3 3-3M3 13h10',
  follow: 'M4 3.8l4 4 4-4M4 8.4l4 4 4-4',
  close: 'M4 4l8 8M12 4l-8 8',
  up: 'M4 10l4-4 4 4',
  down: 'M4 6l4 4 4-4',
  right: 'M6 4l4 4-4 4',
  left: 'M10 4 6 8l4 4',
  plus: 'M8 3.5v9M3.5 8h9',
  minus: 'M3.5 8h9',
  fit: 'M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.7v1.3M8 13v1.3M1.7 8H3M13 8h1.3M3.5 3.5l.9.9M11.6 11.6l.9.9M12.5 3.5l-.9.9M4.4 11.6l-.9.9',
  moon: 'M12.9 9.7A5.5 5.5 0 0 1 6.3 3.1a5.5 5.5 0 1 0 6.6 6.6z',
  system: 'M2.5 3.3h11v7.4h-11zM6 13.3h4M8 10.7v2.6',
  key: 'M10 3a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM7.9 8.1 3 13M4.3 11.7l1.5 1.5',
  link: 'M6.7 9.3 9.3 6.7M7.2 4.8l1.6-1.6a2.8 2.8 0 0 1 4 4l-1.6 1.6M8.8 11.2l-1.6 1.6a2.8 2.8 0 0 1-4-4l1.6-1.6',
  graph:
    'M2.7 6.2h3.6v3.6H2.7zM9.7 2.7h3.6v3.6H9.7zM9.7 9.7h3.6v3.6H9.7zM6.3 8h1.7V4.5h1.7M8 8v3.5h1.7',
  list: 'M3 4h.01M3 8h.01M3 12h.01M6 4h7M6 8h7M6 12h7',
  timeline: 'M2.7 4h5M5 8h6M8.5 12h5',
  events: 'M4 2.7v10.6M4 4.7h.01M4 8h.01M4 11.3h.01M7 4.7h6M7 8h4M7 11.3h5',
  warning: 'M8 2.7 14 13H2zM8 6.5v3M8 11.3h.01',
  file: 'M4 2.3h5l3 3v8.4H4zM9 2.3v3h3',
  sidebar: 'M2.7 3h10.6v10H2.7zM6.3 3v10',
  audit: 'M4 2.3h8v11.4H4zM6.2 5.2h3.6M6.2 7.8h3.6M6.2 10.8l1.1 1.1 2-2',
  shell: 'M2.7 3h10.6v10H2.7zM5 6l2 2-2 2M8.5 10.3h2.6',
  facts: 'M3 3.2h10M3 6.4h6M3 9.6h10M3 12.8h4',
  pool: 'M2.7 6.3 8 3.5l5.3 2.8L8 9.1zM3.6 9l4.4 2.4L12.4 9',
  halt: 'M5.3 2.3h5.4l3 3v5.4l-3 3H5.3l-3-3V5.3zM8 5v3.4M8 10.9h.01',
  pause: 'M5.7 4v8M10.3 4v8',
  reset: 'M12.6 6.3A4.9 4.9 0 1 0 13 8.6M12.8 3.2v3.2H9.6',
  fold: 'M4 5.2h8M4 10.8h8M8 1.6v2.2M8 12.2v2.2',
  unfold: 'M3.3 3.3h9.4v9.4H3.3zM8 5.8v4.4M5.8 8h4.4',
  more: 'M4 8h.01M8 8h.01M12 8h.01',
  hand: 'M4 6.2h8M4 9.8h8',
  check: 'M3.6 8.4 6.6 11.4 12.4 5',
  skip: 'M4 4.4 7.6 8 4 11.6M8.4 4.4 12 8l-3.6 3.6',
  person: 'M8 7.6a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M3.4 13.4a4.6 4.6 0 0 1 9.2 0',
  items: 'M3 3h7v7H3zM6 12.7h6.7V6',
  save: 'M8 2.7v6.6M5.4 6.8 8 9.4l2.6-2.6M3.3 12.9h9.4',
  help: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zM6.5 6.4a1.6 1.6 0 1 1 2.3 1.5c-.6.3-.8.6-.8 1.1M8 11h.01',
} as const

export type IconName = keyof typeof PATHS

export function Icon(props: { name: IconName; size?: number }) {
  const { name, size = 15 } = props
  return (
    <svg
      aria-hidden
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      style={{ flex: 'none', display: 'block' }}
    >
      <path d={PATHS[name]} />
    </svg>
  )
}

// elkjs in its own thread: it takes hold of the worker's messages by itself once it is loaded.
import 'elkjs/lib/elk-worker.min.js'

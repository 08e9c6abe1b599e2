@_exported public import Processes

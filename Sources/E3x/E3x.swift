// Everything under one import.

@_exported import E3xBundledData
@_exported import E3xEngine
@_exported import E3xExact
@_exported import E3xFiles
@_exported import E3xNN
@_exported import E3xPotentials
@_exported import E3xSO3
@_exported import E3xSimulation

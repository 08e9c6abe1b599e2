// What libraries of this package use of the system: the C library, and of Foundation the part that
// brings no data of ICU along, where it is apart. A program that does without the rest of Foundation
// is 50 MB smaller.

#if canImport(FoundationEssentials)
  @_exported import FoundationEssentials
  #if canImport(Glibc)
    @_exported import Glibc
  #elseif canImport(Musl)
    @_exported import Musl
  #endif
#else
  @_exported import Foundation
#endif

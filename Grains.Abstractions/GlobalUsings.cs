global using System.Collections.Immutable;
global using OrleansConcert.Domain;

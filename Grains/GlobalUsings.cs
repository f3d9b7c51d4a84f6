global using System.Collections.Immutable;
global using OrleansConcert.Domain;
global using OrleansConcert.Grains.Abstractions;

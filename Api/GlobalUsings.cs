global using System.Collections.Immutable;
global using OrleansConcert.Domain;
global using OrleansConcert.Grains.Abstractions;
global using OrleansConcert.Api.Http;

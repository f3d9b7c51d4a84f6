global using OrleansConcert.Postgres;
global using System.Net;
global using System.Text.Json;
global using OrleansConcert.Api.Access;
global using OrleansConcert.Api.Problems;
global using OrleansConcert.Engine.Tests;

using OrleansConcert.Api.Hosting;

return await ApiHost.Run(args);

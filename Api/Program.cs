using OrleansConcert.Api.Hosting;

try
{
    await using var app = await ApiHost.Build(args, TimeProvider.System);
    await app.RunAsync();
    return 0;
}
catch (Exception exception)
{
    await Console.Error.WriteLineAsync(StartFailure.LineOf(exception));
    return 1;
}

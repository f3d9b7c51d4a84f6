using OrleansConcert.Api.Hosting;

try
{
    await using var app = await ApiHost.Build(args, TimeProvider.System);
    await app.StartAsync();
    await Leaving.WhenAsked(app);
    return Environment.ExitCode;
}
catch (Exception exception)
{
    await Console.Error.WriteLineAsync(StartFailure.LineOf(exception));
    return 1;
}

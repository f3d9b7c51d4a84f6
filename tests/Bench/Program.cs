using OrleansConcert.Bench;

var name = args.Length > 0 ? args[0] : "";
var options = args.Length > 1 ? args[1..] : [];
switch (name)
{
    case "engine":
        return await EngineBench.Run(options);
    default:
        Console.Error.WriteLine("Usage: dotnet run -c Release --project tests/Bench -- engine [--rounds N] [--seconds S] [--json FILE]");
        return 2;
}

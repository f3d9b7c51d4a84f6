using OrleansConcert.Bench;

var name = args.Length > 0 ? args[0] : "";
var options = new Options(args.Length > 1 ? args[1..] : []);
switch (name)
{
    case "engine":
        return await EngineBench.Run(options);
    case "purchase":
        return await PurchaseBench.Run(options);
    case "queue":
        return await QueueBench.Run(options);
    default:
        Console.Error.WriteLine("""
            Usage: dotnet run -c Release --project tests/Bench -- engine [--rounds N] [--seconds S] [--json FILE]
                   dotnet run -c Release --project tests/Bench -- purchase [--buyers N] [--rounds N] [--seconds S] [--json FILE]
                   dotnet run -c Release --project tests/Bench -- queue [--waiting N] [--only poll|join] [--rounds N]
                                                                              [--seconds S] [--json FILE]
            """);
        return 2;
}

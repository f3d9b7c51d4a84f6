using OrleansConcert.Simulation.Running;

return args is ["digests", ..] ? Digests.Print(args[1..], Console.Out) : LongRun.Run(args, Console.Out, Console.Error);

using ChangeDetection.Scheduler.Commands;

return await CommandLine.RunAsync(args);

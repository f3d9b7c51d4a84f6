global using OrleansConcert.Grains.Journal;
